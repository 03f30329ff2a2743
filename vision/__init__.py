"""What a picture shows; the only room that imports OpenCV."""
