"""Choose a HIPAA-compliant texting tool: sourced facts, verdicts per plan and channel, and the bill to the cent."""

__version__ = "0.1.0"
