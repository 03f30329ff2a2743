"""Who asks: a person, a program with a token, or a device; what the role may do and which department it may see."""

from dataclasses import dataclass

from starlette.requests import Request

from api.problem import Problem
from storage.records.access import RANK, Principal, Role


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks. `csrf` is what a session's writes must carry, `secret` its cookie, both empty for tokens; `expires` epoch ms."""

    principal: Principal
    csrf: str = ""
    secret: str = ""
    expires: int | None = None
    gateway: bool = False

    @property
    def name(self) -> str:
        """The name that logs and incidents show."""
        return self.principal.name

    @property
    def role(self) -> Role:
        """device, viewer, officer or admin."""
        return self.principal.role

    @property
    def department(self) -> str | None:
        """The one department they see, None for all."""
        return self.principal.department

    def sees(self, department: str | None) -> bool:
        """Whether things of this department are shown to them; what belongs to none only to those who see all."""
        return self.department is None or department == self.department

    def may_send(self, station: str) -> bool:
        """Whether they may send messages for `department/kind/device`; a gateway may for every device of its department."""
        if self.gateway and self.principal.device is not None:
            return station.split("/", 1)[0] == self.principal.device.split("/", 1)[0]
        return self.principal.may_send(station)

    def need(self, role: Role) -> None:
        """Pass only those whose role includes `role`.

        Raises:
            Problem: `forbidden`.
        """
        if self.role == "device" or RANK[self.role] < RANK[role]:
            english = f"{self.name} is {self.role}; this needs {role}"
            raise Problem("forbidden", english, zh=f"{self.name} 的角色（{self.role}）无权执行此操作，需要 {role}")

    def need_all(self) -> None:
        """Pass only those who see every department.

        Raises:
            Problem: `forbidden`.
        """
        if self.department is not None:
            english = f"{self.name} sees only department {self.department}"
            raise Problem("forbidden", english, zh=f"{self.name} 只能查看部门 {self.department}")

    def need_department(self, department: str) -> None:
        """Pass only those who may see `department`.

        Raises:
            Problem: `forbidden`.
        """
        if not self.sees(department):
            english = f"{self.name} does not see department {department}"
            raise Problem("forbidden", english, zh=f"{self.name} 无权查看部门 {department}")


def identity_of(request: Request) -> Identity:
    """Who sent `request`; the gate has let nobody else in."""
    identity: Identity = request.state.identity
    return identity


async def viewer(request: Request) -> Identity:
    """Anybody but a device."""
    identity = identity_of(request)
    identity.need("viewer")
    return identity


async def officer(request: Request) -> Identity:
    """Somebody who may work on incidents and dead letters."""
    identity = identity_of(request)
    identity.need("officer")
    return identity


async def admin(request: Request) -> Identity:
    """Somebody who may change rules, devices, people and tokens."""
    identity = identity_of(request)
    identity.need("admin")
    return identity
