-- Adds up counts by name. Names are reasons of denials, of which there are few.
CREATE FUNCTION sum_counts(p_counts jsonb[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(jsonb_object_agg(name, total), '{}') FROM (
    SELECT key AS name, sum(value::bigint) AS total FROM unnest(p_counts) AS counts, jsonb_each_text(counts) GROUP BY key
  ) AS summed
$$;
