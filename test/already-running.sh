#!/bin/sh
# Stands for a server that already listens: the Temporal SDK wants a program to start and to stop.
exec tail -f /dev/null
