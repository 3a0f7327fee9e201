-- The roles that every organization finds, for the common sets.
INSERT INTO roles (id, organization_id, name, description, permissions) VALUES
  ('role_00000000000000000000000001', NULL, 'Viewer', 'Sees all resources',
    '{read:sandboxes,read:snapshots,read:volumes,read:registries}'),
  ('role_00000000000000000000000002', NULL, 'Developer', 'Works with sandboxes and sees the other resources',
    '{read:sandboxes,write:sandboxes,read:snapshots,read:volumes,read:registries}'),
  ('role_00000000000000000000000003', NULL, 'Sandboxes Admin', 'Manages sandboxes', '{read:sandboxes,write:sandboxes}'),
  ('role_00000000000000000000000004', NULL, 'Snapshots Admin', 'Manages snapshots', '{read:snapshots,write:snapshots}'),
  ('role_00000000000000000000000005', NULL, 'Volumes Admin', 'Manages volumes', '{read:volumes,write:volumes}'),
  ('role_00000000000000000000000006', NULL, 'Registries Admin', 'Manages registries', '{read:registries,write:registries}'),
  ('role_00000000000000000000000007', NULL, 'Super Admin', 'Manages the organization and everything in it',
    '{admin:organization}');
