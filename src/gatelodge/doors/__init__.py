"""The ways in. A door holds no rule and no SQL: it turns bytes into calls and back."""
