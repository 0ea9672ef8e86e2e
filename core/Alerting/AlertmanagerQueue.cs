using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Tributary.Binary;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Discovery;

namespace Tributary.Alerting;

/// <summary>Sends to one Alertmanager what is for it, one request at a time, and tries again what did not arrive.</summary>
/// <remarks>Whoever adds never waits for the Alertmanager; sending goes on by itself until nothing waits.</remarks>
/// <param name="url">Where it takes alerts.</param>
/// <param name="http">Asks for a client at each request.</param>
/// <param name="log">Gets what operators should know, without secrets.</param>
/// <param name="time">The clock.</param>
internal sealed class AlertmanagerQueue(
    Uri url,
    Func<AlertmanagerConfig, HttpMessageInvoker> http,
    Action<string> log,
    TimeProvider time
)
{
    private const int MaxReason = 300;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private readonly Outbox outbox = new();
    private Task sending = Task.CompletedTask;
    private TaskCompletionSource settled = new();
    private TaskCompletionSource? pausing;
    private bool isSending;
    private long sent;
    private long errors;
    private long dropped;
    private long requests;
    private double seconds;

    /// <summary>Where it takes alerts.</summary>
    public Uri Url => url;

    /// <summary>How it is asked.</summary>
    public required AlertmanagerConfig Config { get; set; }

    /// <summary>Why the last request failed; null when it did not.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether no configuration and no discovery has it any more: what waits is tried once more.</summary>
    public bool IsGone { get; set; }

    /// <summary>The figures of now.</summary>
    public AlertmanagerFigures Figures()
    {
        lock (gate)
        {
            return new AlertmanagerFigures(url.AbsoluteUri, sent, errors, dropped, outbox.Count, requests, seconds);
        }
    }

    /// <summary>Adds messages, and begins to send when nothing is being sent.</summary>
    /// <param name="notifications">The messages.</param>
    /// <param name="stop">Ends the sending.</param>
    public void Add(IReadOnlyList<Notification> notifications, CancellationToken stop)
    {
        Drop(outbox.Add(notifications), "more wait than there is room for");
        lock (gate)
        {
            BeginIfIdle(stop);
        }
    }

    /// <summary>Begins to send what waits, or ends the pause before it is tried again.</summary>
    public void Hurry(CancellationToken stop)
    {
        lock (gate)
        {
            if (pausing is null)
            {
                BeginIfIdle(stop);
                return;
            }
            settled = NewSignal();
            pausing.TrySetResult();
            pausing = null;
        }
    }

    /// <summary>Ends when everything was sent, or a request has failed.</summary>
    public Task SettledAsync()
    {
        lock (gate)
        {
            return isSending ? settled.Task : Task.CompletedTask;
        }
    }

    /// <summary>Ends when nothing is being sent any more.</summary>
    public Task EndedAsync()
    {
        lock (gate)
        {
            return sending;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void BeginIfIdle(CancellationToken stop)
    {
        if (!isSending && outbox.Count > 0)
        {
            isSending = true;
            settled = NewSignal();
            sending = SendAllAsync(stop);
        }
    }

    private async Task SendAllAsync(CancellationToken stop)
    {
        // Whoever adds goes on, whatever the client does before its first wait.
        await Task.Yield();
        var pause = FirstPause;
        var hasEnded = false;
        try
        {
            while (!(hasEnded = !TryTake(stop, out var batch)))
            {
                if (await TrySendAsync(batch, stop))
                {
                    pause = FirstPause;
                    continue;
                }
                if (IsGone)
                {
                    return;
                }
                await PauseAsync(pause, stop);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What waits is for the next process: firing alerts, and those that are over, are sent again and again.
        }
        catch (Exception exception)
        {
            // A bug must not end what comes later, and must be seen.
            log($"{url.AbsoluteUri}: sending ended by a bug, and begins again with the next alerts: {exception}");
        }
        finally
        {
            if (!hasEnded)
            {
                lock (gate)
                {
                    End();
                }
            }
        }
    }

    /// <summary>Takes the next batch; without one, sending has ended before anybody can add more.</summary>
    private bool TryTake(CancellationToken stop, out IReadOnlyList<Notification> batch)
    {
        lock (gate)
        {
            batch = stop.IsCancellationRequested ? [] : outbox.Take();
            if (batch.Count == 0)
            {
                End();
            }
            return batch.Count > 0;
        }
    }

    private void End()
    {
        isSending = false;
        settled.TrySetResult();
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken stop)
    {
        Task ended;
        lock (gate)
        {
            pausing = NewSignal();
            ended = pausing.Task;
        }
        lock (gate)
        {
            settled.TrySetResult();
        }
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(ended, Task.Delay(pause, time, timer.Token));
        Stop(timer);
        lock (gate)
        {
            pausing = null;
            settled = settled.Task.IsCompleted ? NewSignal() : settled;
        }
        stop.ThrowIfCancellationRequested();
    }

    /// <summary>Stops a timer, in place and at once.</summary>
    private static void Stop(CancellationTokenSource timer) => timer.Cancel();

    /// <returns>Whether the next request may follow at once.</returns>
    private async Task<bool> TrySendAsync(IReadOnlyList<Notification> batch, CancellationToken stop)
    {
        var begun = time.GetTimestamp();
        var (reason, mayRepeat) = await PostAsync(batch, stop);
        if (reason is null)
        {
            lock (gate)
            {
                sent += batch.Count;
                requests++;
                seconds += time.GetElapsedTime(begun).TotalSeconds;
            }
            if (Problem is not null)
            {
                log($"{url.AbsoluteUri} takes alerts again");
            }
            Problem = null;
            return true;
        }
        lock (gate)
        {
            errors += batch.Count;
        }
        if (!string.Equals(Problem, reason, StringComparison.Ordinal))
        {
            log($"{url.AbsoluteUri} does not take alerts: {reason}");
        }
        Problem = reason;
        if (!mayRepeat)
        {
            Drop(batch.Count, "it refuses them");
            return true;
        }
        Drop(outbox.Return(batch), "more wait than there is room for");
        return false;
    }

    /// <returns>Null when it took them; else why not, and whether to try again.</returns>
    private async Task<(string? Reason, bool MayRepeat)> PostAsync(
        IReadOnlyList<Notification> batch,
        CancellationToken stop
    )
    {
        var body = new ByteWriter();
        NotificationsJson.Write(body, batch);
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new ByteArrayContent(body.WrittenSpan.ToArray()),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", DiscoveryRequest.UserAgent);
        try
        {
            return await DiscoveryRequest.SendAsync(
                http(Config),
                request,
                "Alertmanager",
                (Config.Timeout, time),
                (response, token) => JudgeAsync(response, token),
                stop
            );
        }
        catch (DiscoveryException exception)
        {
            return (exception.Message, true);
        }
    }

    private static async Task<(string? Reason, bool MayRepeat)> JudgeAsync(
        HttpResponseMessage response,
        CancellationToken stop
    )
    {
        // To its end, so that the connection is there for the next one.
        var answer = await DiscoveryRequest.ReadAsync(response, MaxReason, isCut: true, stop);
        var status = response.StatusCode;
        if (response.IsSuccessStatusCode)
        {
            return (null, false);
        }
        var said = Words.Clean(System.Text.Encoding.UTF8.GetString(answer.Span).Trim(), MaxReason);
        var reason = string.Create(
            CultureInfo.InvariantCulture,
            $"it answered {(int)status}{(said.Length > 0 ? $": {said}" : "")}"
        );
        var isRefusal = (int)status is >= 400 and < 500;
        // What needs other credentials, another path or time may be taken later.
        var mayPass =
            status
            is HttpStatusCode.Unauthorized
                or HttpStatusCode.Forbidden
                or HttpStatusCode.NotFound
                or HttpStatusCode.ProxyAuthenticationRequired
                or HttpStatusCode.RequestTimeout
                or HttpStatusCode.TooManyRequests;
        return (reason, !isRefusal || mayPass);
    }

    private void Drop(int count, string reason)
    {
        if (count == 0)
        {
            return;
        }
        lock (gate)
        {
            dropped += count;
        }
        log(string.Create(CultureInfo.InvariantCulture, $"{url.AbsoluteUri}: {count} alerts are dropped: {reason}"));
    }
}
