using System.Net;
using Tributary.Functions.Hosting;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Functions;

public sealed class WebBehindHostTests
{
    private static readonly FunctionsSeam Seam = new()
    {
        TryTakeAsync = _ => Task.FromResult(false),
        FreshConfigAsync = _ => Task.CompletedTask,
        FreshDataAsync = _ => Task.FromResult<string?>(null),
        InvokeAsync = answer => answer(),
    };

    [Theory]
    [InlineData(true, false, "up", "{a=\"b,c\"}")]
    [InlineData(true, true, "up,{a=\"b,c\"}")]
    [InlineData(false, false, "up,{a=\"b,c\"}")]
    public async Task Federate_SelectorsJoinedByTheHost_AreTakenApartUnlessItProxies(
        bool isBehindHost,
        bool isProxied,
        params string[] expected
    )
    {
        IReadOnlyList<string> seen = [];
        var state = WebPlace.State with
        {
            Functions = isBehindHost ? Seam : null,
            SelectLatest = WebPlace.Latest(
                (selectors, _) =>
                {
                    seen = selectors;
                    return [];
                }
            ),
        };
        await using var place = await WebPlace.StartAsync(state);
        if (isProxied)
        {
            place.Client.DefaultRequestHeaders.Add(FunctionsSeam.ProxiedHeader, "1");
        }
        var (response, _) = await place.AskAsync("GET", "/federate?match%5B%5D=up,%7Ba%3D%22b%2Cc%22%7D");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected, seen);
    }

    [Theory]
    [InlineData("/federate?match[]=up", true)]
    [InlineData("/api/v1/targets", true)]
    [InlineData("/status", true)]
    [InlineData("/-/ready", true)]
    [InlineData("/-/healthy", false)]
    [InlineData("/metrics", false)]
    public async Task Request_ForData_HasItReadOnBefore(string path, bool isAsked)
    {
        var asked = 0;
        var isReady = false;
        var state = WebPlace.State with
        {
            IsReady = () => isReady,
            Functions = Seam with
            {
                FreshDataAsync = _ =>
                {
                    asked++;
                    isReady = true;
                    return Task.FromResult<string?>(null);
                },
            },
        };
        await using var place = await WebPlace.StartAsync(state);
        var (response, _) = await place.AskAsync("GET", path);
        Assert.Equal((HttpStatusCode.OK, isAsked ? 1 : 0), (response.StatusCode, asked));
        Assert.False(response.Headers.Contains("Warning"));
    }

    [Theory]
    [InlineData("/federate?match[]=up", false, 200)]
    [InlineData("/federate?match[]=up", true, 503)]
    [InlineData("/api/v1/targets", true, 503)]
    [InlineData("/status", true, 200)]
    public async Task Request_DataThatCannotBeReadOn_IsMarkedOrAnError(string path, bool isTooOld, int status)
    {
        var state = WebPlace.State with
        {
            Functions = Seam with
            {
                FreshDataAsync = _ =>
                    isTooOld
                        ? throw new StoreException(StoreError.Unknown, "too old")
                        : Task.FromResult<string?>("no answer"),
            },
        };
        await using var place = await WebPlace.StartAsync(state);
        var (response, _) = await place.AskAsync("GET", path);
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal(status == 200, response.Headers.Contains("Warning"));
    }

    [Fact]
    public async Task Reload_WithoutCredentials_IsRefusedThoughTheListenerIsLoopback()
    {
        var state = WebPlace.State with { Functions = Seam, Reload = _ => Task.FromResult<string?>(null) };
        await using var place = await WebPlace.StartAsync(state);
        var (response, _) = await place.AskAsync("POST", "/-/reload");
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task Request_WhatTheHostAsksItself_IsAnsweredBeforeAnythingElse()
    {
        var state = WebPlace.State with
        {
            RequireCredentials = true,
            Functions = Seam with
            {
                TryTakeAsync = context =>
                {
                    context.Response.StatusCode = 202;
                    return Task.FromResult(context.Request.Path == "/Collect");
                },
            },
        };
        await using var place = await WebPlace.StartAsync(state);
        Assert.Equal(HttpStatusCode.Accepted, (await place.AskAsync("POST", "/Collect")).Response.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await place.AskAsync("POST", "/Other")).Response.StatusCode);
    }
}
