"""Evidence: pictures, clips and documents by the SHA-256 of their bytes."""

from storage.evidence.folder import EvidenceFolder, folder_at
from storage.evidence.retention import DiskLevels, Retention

__all__ = ["DiskLevels", "EvidenceFolder", "Retention", "folder_at"]
