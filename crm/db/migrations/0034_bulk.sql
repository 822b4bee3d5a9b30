-- A change of many records: what it is, and what became of each of them. previous
-- is what takes a record back to how it was.
CREATE TABLE IF NOT EXISTS bulk_runs (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	action JSON NOT NULL,
	status VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	total INT UNSIGNED NOT NULL,
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NOT NULL,
	finished_at DATETIME(3) NULL,
	PRIMARY KEY (workspace_id, id),
	KEY ix_created (created_at),
	CONSTRAINT fk_bulk_runs_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS bulk_rows (
	workspace_id INT UNSIGNED NOT NULL,
	run_id BINARY(16) NOT NULL,
	position INT UNSIGNED NOT NULL,
	record_id BINARY(16) NOT NULL,
	status VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	version INT UNSIGNED NOT NULL DEFAULT 0,
	previous JSON NULL,
	message VARCHAR(300) NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, run_id, position),
	KEY ix_status (workspace_id, run_id, status, position),
	CONSTRAINT fk_bulk_rows_run FOREIGN KEY (workspace_id, run_id) REFERENCES bulk_runs (workspace_id, id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
