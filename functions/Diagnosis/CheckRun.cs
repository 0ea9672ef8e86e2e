using System.Globalization;
using Tributary.Binary;
using Tributary.Functions.CommandLine;
using Tributary.Stores;

namespace Tributary.Functions.Diagnosis;

/// <summary>Runs checks one after the other, each within its time and all within theirs.</summary>
/// <param name="request">Which are left out, and how long they may take.</param>
/// <param name="time">The clock.</param>
/// <param name="stop">Ends the checks: somebody does not want to wait any longer.</param>
internal sealed class CheckRun(DoctorRequest request, TimeProvider time, CancellationToken stop) : IDisposable
{
    private readonly CancellationTokenSource all = new(request.Timeout, time);
    private readonly List<CheckReport> reports = [];

    /// <summary>What was found so far, in the order of the checks.</summary>
    public IReadOnlyList<CheckReport> Reports => reports;

    /// <summary>Runs a check, unless it is left out.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="check">Looks, and says what it finds.</param>
    /// <param name="limit">How long it may take; null is the usual.</param>
    public async Task RunAsync(string name, Func<FindingList, CancellationToken, Task> check, TimeSpan? limit = null)
    {
        var findings = new FindingList();
        var started = time.GetTimestamp();
        if (request.Skipped.Contains(name))
        {
            findings.Skip("left out by --skip");
        }
        else if (stop.IsCancellationRequested)
        {
            findings.Skip("stopped before it began");
        }
        else if (all.IsCancellationRequested)
        {
            findings.Skip(Text($"the {request.Timeout.TotalSeconds:0.#} s for all checks were over (--timeout)"));
        }
        else
        {
            await TryAsync(check, findings, limit ?? request.CheckTimeout);
        }
        reports.Add(new CheckReport(name, findings.All, time.GetElapsedTime(started)));
    }

    /// <summary>A check that cannot be made.</summary>
    public void Skip(string name, string reason)
    {
        var findings = new FindingList();
        findings.Skip(request.Skipped.Contains(name) ? "left out by --skip" : reason);
        reports.Add(new CheckReport(name, findings.All, TimeSpan.Zero));
    }

    public void Dispose() => all.Dispose();

    private async Task TryAsync(
        Func<FindingList, CancellationToken, Task> check,
        FindingList findings,
        TimeSpan ofCheck
    )
    {
        using var own = new CancellationTokenSource(ofCheck, time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(own.Token, all.Token, stop);
        try
        {
            await check(findings, any.Token);
        }
        catch (OperationCanceledException) when (any.IsCancellationRequested)
        {
            if (stop.IsCancellationRequested)
            {
                findings.Skip("stopped");
                return;
            }
            var limit = own.IsCancellationRequested ? ofCheck : request.Timeout;
            findings.Fail(
                Text($"it did not end within {limit.TotalSeconds:0.#} s; what stands above was found until then"),
                "Look at the network between here and there, or give it more time: --timeout."
            );
        }
        catch (StoreException exception)
        {
            findings.Fail("", exception);
        }
        catch (CorruptDataException exception)
        {
            findings.Fail(exception.Message, "tributary log verify and tributary blocks verify look at everything.");
        }
        catch (CommandException exception)
        {
            findings.Fail(exception.Message, "");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
