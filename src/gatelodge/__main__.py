"""Run the command line as `python -m gatelodge`, where the program itself is not on the path."""

from gatelodge.cli import main

if __name__ == "__main__":
    main()
