"""Several reading processes, so that every core reads."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Self

from db.ingest.worker import IngestWorker


class IngestPool:
    """Workers, each lent to one user at a time; their children start when first needed."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._idle: asyncio.Queue[IngestWorker] = asyncio.Queue()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for _ in range(self.size):
            self._idle.put_nowait(await self._stack.enter_async_context(IngestWorker()))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    @asynccontextmanager
    async def worker(self) -> AsyncGenerator[IngestWorker]:
        """An idle worker, as soon as there is one."""
        worker = await self._idle.get()
        try:
            yield worker
        finally:
            self._idle.put_nowait(worker)
