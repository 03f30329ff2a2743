"""Pictures that are there already, read in order and as fast as they can be looked at: a folder, a picture, a video file."""
