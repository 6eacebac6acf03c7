"""The public site: report, receipt, follow-up, help. No sign-in, no script, no session, no trace of the visitor."""
