-- What lies in the trash, by age: for its list, and for what purges it.
ALTER TABLE deals ADD KEY ix_deleted (workspace_id, deleted_at, id)
-- next
ALTER TABLE tasks ADD KEY ix_deleted (workspace_id, deleted_at, id)
-- next
ALTER TABLE activities ADD KEY ix_deleted (workspace_id, deleted_at, id)
