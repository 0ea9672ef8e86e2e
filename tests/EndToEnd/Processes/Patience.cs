using System.Diagnostics;

namespace Tributary.Tests.EndToEnd.Processes;

/// <summary>Waiting for something to become true: soon on a fast machine, at last on a slow one.</summary>
internal static class Patience
{
    /// <summary>When it is given up.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks until the answer is not null.</summary>
    /// <param name="what">What is waited for, for the failure.</param>
    /// <param name="ask">The question.</param>
    /// <param name="details">What the failure shows beside it.</param>
    public static async Task<T> ForAsync<T>(string what, Func<Task<T?>> ask, Func<string>? details = null)
        where T : class
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await ask() is { } answer)
            {
                return answer;
            }
            if (Stopwatch.GetElapsedTime(started) > Limit)
            {
                Assert.Fail($"waited {Limit} for {what}\n{details?.Invoke()}");
            }
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Asks until the answer is yes.</summary>
    public static Task UntilAsync(string what, Func<Task<bool>> ask, Func<string>? details = null) =>
        ForAsync(what, async () => await ask() ? "yes" : null, details);
}
