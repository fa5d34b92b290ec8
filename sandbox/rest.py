"""The REST door: token, faults, rate limits, the body, the handler, and Discord's answer."""

import asyncio
import json
import re
import secrets
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import BodyPartReader, web

from sandbox.errors import ApiError, FieldError, Refusal
from sandbox.faults import Fault, Faults
from sandbox.posting import Upload
from sandbox.ratelimits import RateLimited, RateLimits
from sandbox.routing import MAJOR, Call, Handler, Router
from sandbox.schema import Schema
from sandbox.trace import Trace
from sandbox.violations import Violations
from sandbox.wire import Json, dumps

REQUEST_LIMIT_BYTES = 25 * 1024 * 1024
_FILE_PART = re.compile(r"files?\[(\d{1,2})\]")
_CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
_OPEN = ("/interactions/", "/webhooks/{webhook_id}/{webhook_token}", "/gateway")


@dataclass(slots=True)
class Rest:
    """Answers every request below /api/v10."""

    router: Router
    bot_token: str
    faults: Faults
    violations: Violations
    trace: Trace
    schema: Schema | None = None
    limits: RateLimits = field(default_factory=RateLimits)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request, path: str) -> web.StreamResponse:
        """Answer; `path` is what follows the version, not unquoted."""
        began = time.monotonic()
        fault = self.faults.take(request.method, unquote(path))
        if fault is not None and fault.kind != "stored_then_502":
            return await self._suffer(fault, request, path)
        found = self.router.find(path)
        route = f"{request.method} {found[0] if found else path}"
        headers: dict[str, str] = {}
        body: Any = None
        uploads: dict[int, Upload] = {}

        def note(status: int, answer: object = None) -> None:
            # The trace has a first response from where it is understood.
            if route == _CALLBACK and status < 400:
                return
            self.trace.note(
                "request",
                f"{request.method} {unquote(path)}",
                body,
                ms=(time.monotonic() - began) * 1000,
                status=status,
                fault=fault and fault.kind,
                files=[f"{u.filename}, {len(u.data):,} bytes" for u in uploads.values()] or None,
                answer=answer,
            )

        try:
            handler, args = self._handler(request, found, route)
            headers = self._take(route, args)
            body, uploads = await self._read(request)
            self._describe(route, body, uploads)
            status, answer = handler(Call(route, args, request.query, body, uploads))
        except RateLimited as limited:
            self.violations.add("rate", route, str(limited), path=path, status=429)
            note(429)
            return too_many_requests(
                limited.retry_after, limited.headers, is_global=limited.is_global
            )
        except ApiError as error:
            self.violations.add(
                error.kind,
                route,
                error.reason,
                path=path,
                status=error.status,
                code=error.code,
                errors=error.body().get("errors", {}),
            )
            status, answer = error.status, error.body()
        if fault is not None:
            note(502)
            return web.Response(status=502, text="<html><h1>502 Bad Gateway</h1></html>")
        note(status, answer if status >= 400 else None)
        if answer is None:
            return web.Response(status=status, headers=headers)
        return json_response(answer, status, headers)

    def _handler(
        self,
        request: web.Request,
        found: tuple[str, dict[str, Handler], dict[str, str]] | None,
        route: str,
    ) -> tuple[Handler, dict[str, str]]:
        if found is None:
            raise ApiError(Refusal.NOT_FOUND, kind="route", detail="there is no such route here")
        template, handlers, args = found
        if not template.startswith(_OPEN) or template == "/gateway/bot":
            given = request.headers.get("Authorization", "")
            if not secrets.compare_digest(given.encode(), f"Bot {self.bot_token}".encode()):
                raise ApiError(Refusal.UNAUTHORIZED)
        handler = handlers.get(request.method)
        if handler is None:
            raise ApiError(Refusal.METHOD_NOT_ALLOWED, kind="route")
        return handler, args

    def _take(self, route: str, args: dict[str, str]) -> dict[str, str]:
        major = next((args[name] for name in MAJOR if name in args), "")
        return self.limits.take(route, major)

    def _describe(self, route: str, body: object, uploads: dict[int, Upload]) -> None:
        """Compare the body with Discord's description; differences are recorded, no more."""
        if self.schema is None or (body is None and not uploads):
            return
        method, _, template = route.partition(" ")
        for complaint in self.schema.request(method, template, {} if body is None else body):
            self.violations.add("schema", route, complaint)

    async def _read(self, request: web.Request) -> tuple[Any, dict[int, Upload]]:
        if not request.can_read_body:
            return None, {}
        if (request.content_length or 0) > REQUEST_LIMIT_BYTES:
            raise ApiError(Refusal.TOO_LARGE, kind="limit")
        if request.content_type == "multipart/form-data":
            try:
                return await self._read_parts(request)
            except ValueError as error:
                raise ApiError(Refusal.BAD_REQUEST, kind="limit", detail=str(error)) from error
        try:
            return _parsed(await request.read()), {}
        except web.HTTPRequestEntityTooLarge:
            raise ApiError(Refusal.TOO_LARGE, kind="limit") from None

    async def _read_parts(self, request: web.Request) -> tuple[Any, dict[int, Upload]]:
        body: Any = None
        uploads: dict[int, Upload] = {}
        total = 0
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise ApiError(Refusal.BAD_REQUEST, kind="limit", detail="nested multipart")
            data = bytes(await part.read())
            total += len(data)
            if total > REQUEST_LIMIT_BYTES:
                raise ApiError(Refusal.TOO_LARGE, kind="limit")
            if part.name == "payload_json":
                body = _parsed(data)
            elif (named := _FILE_PART.fullmatch(part.name or "")) is not None:
                kind = part.headers.get("Content-Type")
                uploads[int(named[1])] = Upload(part.filename or "unknown", data, kind)
        return body, uploads

    async def _suffer(self, fault: Fault, request: web.Request, path: str) -> web.StreamResponse:
        status = {"rate_limit": 429, "status": fault.status}.get(fault.kind)
        self.trace.note(
            "request", f"{request.method} {unquote(path)}", status=status, fault=fault.kind
        )
        if fault.kind == "rate_limit":
            scope = "global" if fault.is_global else "shared"
            headers = {"X-RateLimit-Scope": scope}
            return too_many_requests(fault.retry_after, headers, is_global=fault.is_global)
        if fault.kind == "hang":
            await self.closing.wait()
        if fault.kind in ("hang", "reset"):
            drop(request)
            return web.Response(status=502)
        return failure(fault.status, fault.code)


def _parsed(data: bytes) -> Any:
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError:
        errors = [FieldError((), "JSON_INVALID", "The body is not JSON")]
        raise ApiError(Refusal.INVALID_JSON, kind="limit", errors=errors) from None


def json_response(
    body: object, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    """JSON with the bare content type; clients take a charset for something else than JSON."""
    return web.Response(
        status=status,
        body=dumps(body).encode(),
        content_type="application/json",
        headers=headers,
    )


def drop(request: web.Request) -> None:
    """Cut the connection with a reset instead of an orderly end."""
    if (transport := request.transport) is not None:
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


def failure(status: int, code: int) -> web.Response:
    """An error of the asked kind; those of Discord's front door (502 to 504) are not JSON."""
    if status in (502, 503, 504):
        return web.Response(status=status, text=f"<html><h1>{status}</h1></html>")
    reason = web.Response(status=status).reason or "Error"
    return json_response({"message": f"{status}: {reason}", "code": code}, status)


def too_many_requests(
    retry_after: float, headers: dict[str, str], *, is_global: bool
) -> web.Response:
    """Discord's 429; clients only believe one with a Via header."""
    body: Json = {
        "message": "You are being rate limited.",
        "retry_after": round(retry_after, 3),
        "global": is_global,
    }
    more = {"Via": "1.1 google", "Retry-After": str(max(1, round(retry_after)))}
    return json_response(body, 429, {**headers, **more})
