"""What colour the water has, with the light taken out, and what colour it usually has."""
