using System.Globalization;

namespace Tributary.Identities;

/// <summary>
/// The token of one identity for one audience. It is asked for by whoever needs it first, one at a time, and renewed ahead
/// beside a request that still has the one before. Safe for several threads.
/// </summary>
/// <param name="fetch">Asks for a token; it bounds its own time.</param>
/// <param name="time">The clock of the tokens' ages.</param>
internal sealed class TokenKeeper(Func<CancellationToken, Task<FetchedToken>> fetch, TimeProvider time)
{
    /// <summary>Tokens that last longer are renewed half way: there is much time then for an endpoint that is down.</summary>
    private static readonly TimeSpan LongLife = TimeSpan.FromHours(2);

    /// <summary>Others are renewed so long before their end, or in the last quarter of a shorter life.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(5);

    /// <summary>So long before its end a token is not sent any more, or in the last tenth of a shorter life.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    /// <summary>A renewal that fails is tried again so much later, as long as the token is valid.</summary>
    private static readonly TimeSpan RenewalPause = TimeSpan.FromSeconds(30);

    /// <summary>Without a token, a failure is everybody's answer for so long, then for twice as long.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>A server that refuses every token has no more of them fetched than one in this time.</summary>
    private static readonly TimeSpan RefusalPause = TimeSpan.FromMinutes(1);

    private const int ShortLifeQuarter = 4;
    private const int ShortLifeTenth = 10;

    private readonly Lock gate = new();
    private Kept? kept;
    private Task? flight;
    private Failure? failure;
    private DateTimeOffset refusedAt = DateTimeOffset.MinValue;

    /// <summary>The token. It is there at once, but for the first time and after failures.</summary>
    /// <param name="cancellationToken">Ends the waiting, and not the asking, which is for others, too.</param>
    /// <exception cref="IdentityException">There is none.</exception>
    public ValueTask<string> GetAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (Volatile.Read(ref kept) is not { } valid || now >= valid.EndsAt)
        {
            return new ValueTask<string>(WaitAsync(cancellationToken));
        }
        if (now >= valid.RenewAt)
        {
            _ = JoinFlight(valid, isPatient: true);
        }
        return new ValueTask<string>(Volatile.Read(ref kept)!.Text);
    }

    /// <summary>Another token in place of one that a server does not accept; null when there is none, or it was tried a moment ago.</summary>
    /// <param name="refused">The token that was sent.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async ValueTask<string?> ReplaceAsync(string refused, CancellationToken cancellationToken)
    {
        var known = Volatile.Read(ref kept);
        if (known?.Text == refused)
        {
            var now = time.GetUtcNow();
            lock (gate)
            {
                if (flight is null && now - refusedAt < RefusalPause)
                {
                    return null;
                }
                refusedAt = now;
            }
            await JoinFlight(known, isPatient: false).WaitAsync(cancellationToken);
        }
        return Volatile.Read(ref kept) is { } other && other.Text != refused && time.GetUtcNow() < other.EndsAt
            ? other.Text
            : null;
    }

    private async Task<string> WaitAsync(CancellationToken cancellationToken)
    {
        await JoinFlight(Volatile.Read(ref kept), isPatient: true).WaitAsync(cancellationToken);
        lock (gate)
        {
            return failure is null ? kept!.Text : throw failure.ToException();
        }
    }

    /// <summary>The asking that is under way, or a new one; it does not throw.</summary>
    /// <param name="known">What the caller has seen: when there is another one already, there is nothing to ask.</param>
    /// <param name="isPatient">Whether it is not asked shortly after a failure.</param>
    private Task JoinFlight(Kept? known, bool isPatient)
    {
        var landed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (flight is not null)
            {
                return flight;
            }
            if (
                !ReferenceEquals(kept, known) || (isPatient && failure is { } recent && time.GetUtcNow() < recent.Until)
            )
            {
                return Task.CompletedTask;
            }
            flight = landed.Task;
        }
        _ = FlyAsync(landed);
        return landed.Task;
    }

    private async Task FlyAsync(TaskCompletionSource landed)
    {
        Kept? taken = null;
        Exception? problem = null;
        try
        {
            taken = Take(await fetch(CancellationToken.None));
        }
        catch (Exception exception)
        {
            // Whoever waits for the token gets it, bugs as well.
            problem = exception;
        }
        lock (gate)
        {
            if (problem is null)
            {
                Volatile.Write(ref kept, taken);
                failure = null;
            }
            else
            {
                Fail(problem);
            }
            flight = null;
        }
        landed.SetResult();
    }

    private void Fail(Exception problem)
    {
        var now = time.GetUtcNow();
        if (kept is { } valid && now < valid.EndsAt)
        {
            // The one there is serves a little longer.
            Volatile.Write(ref kept, valid with { RenewAt = Earlier(now + RenewalPause, valid.EndsAt) });
            return;
        }
        var pause = failure is { } before ? Shorter(before.Pause * 2, LongestPause) : FirstPause;
        failure = new Failure(problem, pause, now + pause);
    }

    private Kept Take(FetchedToken token)
    {
        var now = time.GetUtcNow();
        var life = token.ExpiresAt - now;
        if (life <= TimeSpan.Zero)
        {
            throw new IdentityException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the token that was given is over since {token.ExpiresAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z; this machine's "
                        + $"clock says {now.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z: check it"
                ),
                isPassing: true
            );
        }
        var end = token.ExpiresAt - Shorter(Margin, life / ShortLifeTenth);
        var renew =
            token.RenewAt
            ?? (life > LongLife ? now + life / 2 : token.ExpiresAt - Shorter(Early, life / ShortLifeQuarter));
        return new Kept(token.Text, Earlier(renew < now ? now + RenewalPause : renew, end), end);
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private sealed record Kept(string Text, DateTimeOffset RenewAt, DateTimeOffset EndsAt)
    {
        // The generated one would show the token.
        public override string ToString() => "<secret>";
    }

    private sealed record Failure(Exception Problem, TimeSpan Pause, DateTimeOffset Until)
    {
        /// <summary>A new one for each who gets it: an exception that is thrown twice mixes up its traces.</summary>
        public IdentityException ToException() =>
            Problem is IdentityException known
                ? new IdentityException(known.Message, known.IsPassing, known)
                : new IdentityException($"a bug: {Problem.GetType().Name} while asking for a token", false, Problem);
    }
}
