"""`python -m sousveil` is the command `sousveil`."""

from sousveil.cli import main

if __name__ == "__main__":
    main()
