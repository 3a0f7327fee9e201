-- Run once by the image, as the superuser, when the volume is empty. Migrations connect as the owner of one database,
-- because a superuser may run programs.
\set password `cat /run/secrets/database-password`
CREATE ROLE daytona_auth LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE daytona_auth OWNER daytona_auth;
REVOKE ALL ON DATABASE daytona_auth FROM PUBLIC;
