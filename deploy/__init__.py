"""What runs the portal on a machine: the supervisor, the embedded queue server, the web server's settings."""
