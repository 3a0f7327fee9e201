-- api_key_organizations_search_idx has the same columns and order, and serves the statements of the previous release as well.
DROP INDEX "api_key_organizations_active_idx";
