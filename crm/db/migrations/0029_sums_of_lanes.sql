-- What a board's sums read, and no more: they need no row.
ALTER TABLE deals ADD KEY ix_sums (workspace_id, pipeline_id, deleted_at, stage_id, currency, amount_minor)
