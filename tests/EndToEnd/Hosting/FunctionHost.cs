using System.Collections.Concurrent;
using Tributary.Tests.EndToEnd.Processes;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>
/// A double of the Azure Functions host, version 4: one instance that drives a published custom handler as the real one
/// does, with its timers, its two ways of passing HTTP on, and its lack of mercy.
/// </summary>
internal sealed class FunctionHost : IAsyncDisposable
{
    private readonly HostOptions options;
    private readonly HostJson host;
    private readonly HostLog log = new();
    private readonly HandlerProcess handler;
    private readonly HandlerClient client;
    private readonly FrontEnd frontEnd;
    private readonly ConcurrentQueue<Invocation> invocations = new();
    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> timers = [];

    private FunctionHost(HostOptions options, HostJson host, IReadOnlyList<FunctionJson> functions)
    {
        this.options = options;
        this.host = host;
        Functions = functions;
        handler = new HandlerProcess(host, options, log, BeginStop);
        client = new HandlerClient(handler.Port);
        frontEnd = new FrontEnd(this, host, options, handler, log);
    }

    /// <summary>The functions that this instance runs, by name.</summary>
    public IReadOnlyList<FunctionJson> Functions { get; }

    /// <summary>Where clients reach the app.</summary>
    public Uri Address => frontEnd.Address;

    /// <summary>Where the handler listens, which no client should know.</summary>
    public Uri HandlerAddress => new($"http://127.0.0.1:{handler.Port}");

    /// <summary>Whether it still runs; one that lost a lock, or whose handler failed too often, does not.</summary>
    public bool IsRunning { get; private set; } = true;

    /// <summary>What was invoked so far by envelope, in the order of the ends.</summary>
    public IReadOnlyList<Invocation> Invocations => [.. invocations];

    /// <summary>The handler's present life.</summary>
    public ChildProcess Handler => handler.Present;

    /// <summary>How often the handler was started.</summary>
    public int HandlerStarts => handler.Starts;

    /// <summary>What the handler wrote to standard error, which the host logs as errors.</summary>
    public string Errors => handler.Errors;

    /// <summary>What an operator sees.</summary>
    public string Log => $"{log.Text}\n{handler.Output}\n{handler.Errors}";

    /// <summary>Starts an instance; its handler may not be ready yet, and requests wait for it.</summary>
    /// <exception cref="HostException">The real host would not start, or would leave a function out.</exception>
    public static async Task<FunctionHost> StartAsync(HostOptions options)
    {
        var json = HostJson.Read(options.AppRoot, options.Settings);
        if (!json.IsForwarding && !(json.IsProxying && options.KnowsProxying))
        {
            throw new HostException("host.json: without forwarding or proxying, HTTP functions would get envelopes");
        }
        var functions = FunctionJson.ReadAll(options.AppRoot, options.Settings).Where(options.Runs).ToList();
        if (functions.Count == 0)
        {
            throw new HostException("No job functions found.");
        }
        var instance = new FunctionHost(options, json, functions);
        await instance.frontEnd.StartAsync();
        if (options.FiresTimers)
        {
            instance.StartTimers();
        }
        return instance;
    }

    /// <summary>Waits until the handler answers.</summary>
    public async Task<bool> IsReadyAsync() => await handler.ReadyAsync();

    /// <summary>Calls a timer function now, whoever has its lock.</summary>
    public Task<Invocation> CallTimerAsync(string name, TimerCall? call = null)
    {
        var function = Find(name);
        return InvokeAsync(
            function,
            Envelope.OfTimer(function, (TimerTrigger)function.Trigger, call ?? new TimerCall())
        );
    }

    /// <summary>Hands a message of its queue to a function.</summary>
    public Task<Invocation> CallQueueAsync(string name, string message, int dequeueCount = 1)
    {
        var function = Find(name);
        return InvokeAsync(function, Envelope.OfQueue(function, (QueueTrigger)function.Trigger, message, dequeueCount));
    }

    /// <summary>kill -9 of the handler; the host starts another one.</summary>
    public Task CrashHandlerAsync() => handler.CrashAsync();

    /// <summary>The instance goes away at once, with everything that it has begun; its locks stay until they expire.</summary>
    public async Task KillAsync()
    {
        BeginStop();
        await handler.EndAsync();
        await Task.WhenAll(timers);
        await frontEnd.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await handler.DisposeAsync();
        await frontEnd.DisposeAsync();
        client.Dispose();
        stop.Dispose();
    }

    /// <summary>Runs until an answer is there or the function's time is over, which is the handler's end.</summary>
    internal async Task<T?> LimitAsync<T>(string function, Func<CancellationToken, Task<T?>> work)
        where T : class
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        limit.CancelAfter(host.FunctionTimeout ?? Timeout.InfiniteTimeSpan);
        try
        {
            if (await work(limit.Token) is { } result)
            {
                return result;
            }
            await Task.Delay(Timeout.InfiniteTimeSpan, limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && IsRunning)
        {
            log.Write($"Timeout value of {host.FunctionTimeout} was exceeded by function: Functions.{function}");
            await handler.RestartAsync();
        }
        catch (OperationCanceledException) when (!IsRunning)
        {
            log.Write($"the host stopped during Functions.{function}");
        }
        return null;
    }

    private void BeginStop()
    {
        IsRunning = false;
        stop.Cancel();
        handler.BeginStop();
    }

    private void StartTimers()
    {
        var instance = Guid.NewGuid().ToString();
        foreach (var function in Functions)
        {
            if (function.Trigger is TimerTrigger trigger)
            {
                var listener = new TimerListener(
                    function,
                    trigger,
                    options.Storage,
                    instance,
                    options.Lease,
                    call => InvokeAsync(function, Envelope.OfTimer(function, trigger, call))
                );
                timers.Add(listener.RunAsync(BeginStop, stop.Token));
            }
        }
    }

    private FunctionJson Find(string name) =>
        Functions.FirstOrDefault(function => function.Name == name)
        ?? throw new HostException($"this instance has no function '{name}'");

    private async Task<Invocation> InvokeAsync(FunctionJson function, byte[] envelope)
    {
        var beganMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var result = await LimitAsync(
            function.Name,
            async token =>
                await handler.ReadyAsync().WaitAsync(token)
                    ? await client.InvokeAsync(function.Name, envelope, token)
                    : new Invocation(function.Name, Outcome.Failed, "Function host is not running.", [], "")
        );
        result ??= IsRunning
            ? new Invocation(function.Name, Outcome.TimedOut, "its time is over", [], "")
            : new Invocation(function.Name, Outcome.Failed, "the host stopped", [], "");
        result = result with { BeganMs = beganMs, EndedMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() };
        log.Write(
            $"Executed 'Functions.{function.Name}' ({result.Outcome}, Id={Guid.NewGuid()}, "
                + $"Duration={result.EndedMs - beganMs}ms) {result.Error}"
        );
        foreach (var line in result.Logs)
        {
            log.Write(line);
        }
        invocations.Enqueue(result);
        return result;
    }
}
