-- The two stores on PostgreSQL: a database and a role each. Neither role can even connect to the other's database, so
-- whoever takes over the public site reaches the front store and nothing else. Run once, as the server's superuser:
--   psql -v ON_ERROR_STOP=1 -v front_password=… -v desk_password=… -f deploy/postgresql.sql
-- and then set HOTLINE_FRONT_DATABASE_URL=postgresql+psycopg://hotline_front:…@127.0.0.1/hotline_front (public site, worker,
-- desk) and HOTLINE_DATABASE_URL=postgresql+psycopg://hotline_desk:…@127.0.0.1/hotline_desk (worker, desk; never the public site).
-- With the address: by Debian's socket a role gets in only as the Unix user of the same name.
CREATE ROLE hotline_front LOGIN PASSWORD :'front_password';
CREATE ROLE hotline_desk LOGIN PASSWORD :'desk_password';
CREATE DATABASE hotline_front OWNER hotline_front ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE hotline_desk OWNER hotline_desk ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE hotline_front, hotline_desk FROM PUBLIC;
