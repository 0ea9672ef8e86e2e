using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tributary.Benchmarks.Processes;

/// <summary>A process that we started and that we end.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const int Terminate = 15;
    private const int LinesKept = 30;

    private readonly Scratch scratch;
    private readonly Process process;
    private readonly Queue<string> tail = new();
    private int disposed;

    private ChildProcess(Scratch scratch, Process process)
    {
        this.scratch = scratch;
        this.process = process;
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>Starts an executable with an environment that knows no proxy and none of our settings.</summary>
    /// <param name="scratch">Ends it at the latest.</param>
    /// <param name="executable">What to start.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="variables">What is added to the environment.</param>
    /// <exception cref="BenchmarkException">There is no such executable.</exception>
    public static ChildProcess Start(
        Scratch scratch,
        string executable,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? variables = null
    )
    {
        var start = new ProcessStartInfo(executable)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var name in start.Environment.Keys.Where(IsForeign).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in variables ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        var child = new ChildProcess(scratch, new Process { StartInfo = start });
        child.process.OutputDataReceived += (_, line) => child.Keep(line.Data);
        child.process.ErrorDataReceived += (_, line) => child.Keep(line.Data);
        try
        {
            child.process.Start();
        }
        catch (Win32Exception e)
        {
            child.process.Dispose();
            throw new BenchmarkException($"cannot start {executable}: {e.Message}");
        }

        scratch.Add(child);
        child.process.BeginOutputReadLine();
        child.process.BeginErrorReadLine();
        return child;
    }

    public ProcessFigures Figures() => ProcessFigures.Of(process.Id);

    /// <summary>Asks the process to end, and ends it after ten seconds.</summary>
    public async Task StopAsync()
    {
        if (!process.HasExited)
        {
            _ = SendSignal(process.Id, Terminate);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Kill();
            }
        }

        scratch.Forget(this);
    }

    /// <summary>Ends the process at once.</summary>
    public void Kill()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit(TimeSpan.FromSeconds(10));
        }

        scratch.Forget(this);
    }

    /// <summary>Waits for an exit code, at most as long as given.</summary>
    /// <exception cref="BenchmarkException">It takes longer.</exception>
    public async Task<int> ExitCodeAsync(TimeSpan patience, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BenchmarkException($"{process.StartInfo.FileName} did not end in {patience.TotalSeconds:F0} s");
        }
    }

    /// <summary>The last lines that the process wrote.</summary>
    public string Tail()
    {
        lock (tail)
        {
            return string.Join('\n', tail);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            Kill();
            process.Dispose();
        }
    }

    private static bool IsForeign(string name) =>
        name.StartsWith("TRIBUTARY_", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith("_PROXY", StringComparison.OrdinalIgnoreCase);

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (tail)
        {
            tail.Enqueue(line);
            if (tail.Count > LinesKept)
            {
                tail.Dequeue();
            }
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int process, int signal);
}
