-- Roles of the platform. Run it as a superuser, or as the administrator of a managed PostgreSQL 15 or later, while
-- connected to the platform's database:   psql -d code_review_platform -f infra/postgres/roles.sql
-- It changes nothing the second time. Passwords are not set here: without one nobody can log in.
--
--   coderev_migrator   owns schemas and tables
--   coderev_<domain>   what one domain may do; nobody logs in as it
--   coderev            the functions' login: becomes one coderev_<domain> for a transaction, owns nothing
--   coderev_backup     reads everything, past row-level security

DO $roles$
DECLARE
  domain text;
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['coderev', 'coderev_migrator', 'coderev_backup',
    'coderev_auth', 'coderev_project', 'coderev_analysis', 'coderev_ai',
    'coderev_version', 'coderev_comparison', 'coderev_provider']
  LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
    END IF;
  END LOOP;

  ALTER ROLE coderev LOGIN NOINHERIT NOCREATEDB NOCREATEROLE;
  ALTER ROLE coderev_migrator LOGIN INHERIT NOCREATEDB NOCREATEROLE;
  ALTER ROLE coderev_backup LOGIN NOCREATEDB NOCREATEROLE;

  -- Managed services let only some administrators hand out BYPASSRLS.
  IF NOT (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'coderev_backup') THEN
    BEGIN
      ALTER ROLE coderev_backup BYPASSRLS;
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE WARNING 'coderev_backup has no BYPASSRLS: let an administrator give it, or back up as one';
    END;
  END IF;
  GRANT pg_read_all_data TO coderev_backup;

  -- From PostgreSQL 16 on a membership itself says whether it is inherited; before, the role's NOINHERIT does.
  FOREACH domain IN ARRAY ARRAY['auth', 'project', 'analysis', 'ai', 'version', 'comparison', 'provider']
  LOOP
    IF current_setting('server_version_num')::int >= 160000 THEN
      EXECUTE format('GRANT %I TO coderev WITH INHERIT FALSE, SET TRUE, ADMIN FALSE', 'coderev_' || domain);
    ELSE
      EXECUTE format('GRANT %I TO coderev', 'coderev_' || domain);
    END IF;
    EXECUTE format('GRANT %I TO coderev_migrator', 'coderev_' || domain);
  END LOOP;

  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO coderev, coderev_backup', current_database());
  EXECUTE format('GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %I TO coderev_migrator', current_database());
  REVOKE ALL ON SCHEMA public FROM PUBLIC;
  GRANT USAGE, CREATE ON SCHEMA public TO coderev_migrator;
END
$roles$;
