"""Settings that are nearly right: one line says what to write instead."""
