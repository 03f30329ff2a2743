"""Evidence: pictures, clips and documents by the SHA-256 of their bytes."""

from storage.evidence.folder import EvidenceFolder

__all__ = ["EvidenceFolder"]
