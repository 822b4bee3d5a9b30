-- Who moved how many deals in a time is counted from the index alone.
ALTER TABLE stage_history ADD KEY ix_moved (workspace_id, moved_at, from_stage_id, moved_by)
