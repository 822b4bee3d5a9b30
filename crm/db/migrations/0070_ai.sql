-- What a workspace lets language models do, what it has spent on them, and
-- what they said. ai_days is what a day's budget is held to: tokens that are
-- being asked for are in it already.
CREATE TABLE IF NOT EXISTS ai_settings (
	workspace_id INT UNSIGNED NOT NULL,
	name VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	value INT UNSIGNED NOT NULL,
	PRIMARY KEY (workspace_id, name),
	CONSTRAINT fk_ai_settings_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS ai_days (
	workspace_id INT UNSIGNED NOT NULL,
	day DATE NOT NULL,
	tokens BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, day),
	CONSTRAINT fk_ai_days_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS ai_runs (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	task VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	provider VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	model VARCHAR(100) NOT NULL,
	outcome VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	tokens_in INT UNSIGNED NOT NULL,
	tokens_out INT UNSIGNED NOT NULL,
	ms INT UNSIGNED NOT NULL,
	cache_key BINARY(32) NULL,
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NULL,
	PRIMARY KEY (workspace_id, id),
	KEY ix_created (workspace_id, created_at),
	CONSTRAINT fk_ai_runs_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
CREATE TABLE IF NOT EXISTS ai_results (
	workspace_id INT UNSIGNED NOT NULL,
	cache_key BINARY(32) NOT NULL,
	task VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	target_kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	target_id BINARY(16) NULL,
	result JSON NOT NULL,
	model VARCHAR(100) NOT NULL,
	created_at DATETIME(3) NOT NULL,
	PRIMARY KEY (workspace_id, cache_key),
	KEY ix_target (workspace_id, task, target_kind, target_id, created_at),
	KEY ix_created (created_at),
	CONSTRAINT fk_ai_results_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
-- next
-- What somebody may accept. mark is what it proposes, so that the same thing
-- is not proposed twice, nor again after it was dismissed.
CREATE TABLE IF NOT EXISTS proposals (
	workspace_id INT UNSIGNED NOT NULL,
	id BINARY(16) NOT NULL,
	kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	target_kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	target_id BINARY(16) NOT NULL,
	payload JSON NOT NULL,
	evidence JSON NOT NULL,
	model VARCHAR(100) NOT NULL DEFAULT '',
	status VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'pending',
	mark BINARY(32) NOT NULL,
	result_kind VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
	result_id BINARY(16) NULL,
	created_at DATETIME(3) NOT NULL,
	created_by BINARY(16) NULL,
	decided_at DATETIME(3) NULL,
	decided_by BINARY(16) NULL,
	PRIMARY KEY (workspace_id, id),
	UNIQUE KEY uq_mark (workspace_id, mark),
	KEY ix_target (workspace_id, target_kind, target_id, status),
	KEY ix_status (workspace_id, status, id),
	CONSTRAINT fk_proposals_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
