"""Evidence: pictures, clips and documents by the SHA-256 of their bytes."""

from storage.evidence.folder import EvidenceFolder
from storage.evidence.retention import DiskLevels, EvidenceKeeper, Retention

__all__ = ["DiskLevels", "EvidenceFolder", "EvidenceKeeper", "Retention"]
