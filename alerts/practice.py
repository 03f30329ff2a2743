"""How a site keeps its incidents: the settings, checked and made ready."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from alerts.clocks import BUDGETS, Budget
from alerts.contracts import Contract, Contracts, contract_for, read_contracts, shipped
from hub.errors import ConfigError, Fault
from hub.incident import IncidentsSection
from hub.model import LEVELS


@dataclass(frozen=True, slots=True)
class Practice:
    """The numbers of `[incidents]`, clocks by level, closing contracts by type."""

    numbers: IncidentsSection = field(default_factory=IncidentsSection)
    budgets: Mapping[int, Budget] = field(default_factory=lambda: dict(BUDGETS))
    contracts: Contracts = field(default_factory=shipped)

    @classmethod
    def of(cls, section: IncidentsSection) -> "Practice":
        """What the settings say, over what is shipped.

        Raises:
            ConfigError: a level or a contract is not one.
        """
        try:
            contracts = {**shipped(), **read_contracts(section.contracts)}
        except ValueError as error:
            raise ConfigError([Fault("hub.toml", 0, "incidents.contracts", str(error))]) from error
        if wrong := [name for name in section.clocks if name not in {str(level) for level in LEVELS}]:
            message = f"level {wrong[0]!r}: expected 1 to 4"
            raise ConfigError([Fault("hub.toml", 0, "incidents.clocks", message)])
        budgets = {
            level: replace(budget, **section.clocks[str(level)].model_dump(exclude_none=True))
            if str(level) in section.clocks
            else budget
            for level, budget in BUDGETS.items()
        }
        return cls(section, budgets, contracts)

    def contract(self, type_: str, source: str = "alert") -> Contract:
        """The closing contract of an incident of this type; what people report has one of its own."""
        return contract_for(self.contracts, "report" if source == "report" else type_)
