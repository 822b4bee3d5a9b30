-- The ways in which a workspace sells. A stage that is taken away stays as a
-- row, since the history of deals names it; the pipeline's version counts the
-- changes of its stages too.
CREATE TABLE IF NOT EXISTS pipelines (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	version INT UNSIGNED NOT NULL DEFAULT 1,
	name VARCHAR(80) NOT NULL,
	currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	position SMALLINT UNSIGNED NOT NULL,
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NOT NULL,
	updated_at DATETIME(3) NOT NULL,
	updated_by BINARY(16) NOT NULL,
	deleted_at DATETIME(3) NULL,
	PRIMARY KEY (workspace_id, id),
	KEY ix_position (workspace_id, position, id),
	CONSTRAINT fk_pipelines_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS stages (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	pipeline_id BINARY(16) NOT NULL,
	name VARCHAR(60) NOT NULL,
	kind VARCHAR(4) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	probability TINYINT UNSIGNED NOT NULL,
	stale_days SMALLINT UNSIGNED NOT NULL DEFAULT 0,
	position SMALLINT UNSIGNED NOT NULL,
	deleted_at DATETIME(3) NULL,
	PRIMARY KEY (workspace_id, id),
	KEY ix_pipeline (workspace_id, pipeline_id, position),
	CONSTRAINT fk_stages_pipeline FOREIGN KEY (workspace_id, pipeline_id) REFERENCES pipelines (workspace_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
