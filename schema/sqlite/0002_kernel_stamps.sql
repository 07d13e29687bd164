-- What the kernel's stamps tell of a phase.

-- The agent's own time between a phase's begin and end, which is no part of it: cryptography between two
-- turns of a handshake, the turn from an A query to the AAAA query.
ALTER TABLE result ADD COLUMN dns_own_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE result ADD COLUMN connect_own_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE result ADD COLUMN tls_own_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE result ADD COLUMN wait_own_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE result ADD COLUMN transfer_own_us INTEGER NOT NULL DEFAULT 0;

-- The phases whose begin and end the kernel saw, with blanks between them; of the others the agent's own
-- clock did.
ALTER TABLE result ADD COLUMN kernel_phases TEXT NOT NULL DEFAULT '';
