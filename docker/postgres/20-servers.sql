-- Run by the image after 10-database.sql, and manually in a database of a release before 0.2 (README.md, Notes for 0.2).
-- Creates the roles that the servers connect as. They own nothing; `daytona-auth migrate` grants them what each needs.
\set api `cat /run/secrets/api-database-password`
\set oidc `cat /run/secrets/oidc-database-password`
CREATE ROLE daytona_auth_api LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'api';
CREATE ROLE daytona_auth_oidc LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'oidc';
