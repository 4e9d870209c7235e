--
-- schema_strangers.sql: the roles that rule over what is in schema $1, and whom this session's role has no reason to trust
-- Needs:   nothing
-- Locks:   ACCESS SHARE on the system catalogs
-- Expect:  a row a role: its name, or PUBLIC; none where there is no such schema
--
-- They own the schema or something in it, or may make something there. A trigger, a view or a function of theirs would run with
-- the rights of whoever works there. Trusted are the role itself, superusers, and the roles that it is a member of; a superuser is
-- a member of every role, and trusts superusers only.
--
WITH schema AS (
    SELECT oid, nspowner, nspacl FROM pg_namespace WHERE nspname = $1::text
), ruler (oid) AS (
    SELECT nspowner FROM schema
  UNION
    -- A materialised view whose table is converted waits here, as its owner's; nothing refreshes it.
    SELECT c.relowner FROM schema s JOIN pg_class c ON c.relnamespace = s.oid AND c.relkind IN ('r', 'p', 'v', 'f', 'S')
  UNION
    SELECT p.proowner FROM schema s JOIN pg_proc p ON p.pronamespace = s.oid
  UNION
    SELECT o.oprowner FROM schema s JOIN pg_operator o ON o.oprnamespace = s.oid
  UNION
    SELECT t.typowner FROM schema s JOIN pg_type t ON t.typnamespace = s.oid AND t.typrelid = 0 AND t.typelem = 0
  UNION
    SELECT a.grantee FROM schema s, aclexplode(s.nspacl) a WHERE a.privilege_type = 'CREATE'
)
SELECT coalesce(r.rolname::text, 'PUBLIC')
FROM ruler
LEFT JOIN pg_roles r ON r.oid = ruler.oid
JOIN pg_roles me ON me.rolname = current_user
WHERE (r.oid = me.oid OR r.rolsuper OR NOT me.rolsuper AND pg_has_role(r.oid, 'MEMBER')) IS NOT TRUE
ORDER BY 1;
