CREATE TABLE IF NOT EXISTS exports (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	format VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	query TEXT NOT NULL,
	status VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	written INT UNSIGNED NOT NULL DEFAULT 0,
	file_id BINARY(16) NULL,
	fault VARCHAR(500) NOT NULL DEFAULT '',
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NOT NULL,
	finished_at DATETIME(3) NULL,
	PRIMARY KEY (workspace_id, id),
	CONSTRAINT fk_exports_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
