using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Tributary.Tests.EndToEnd.Processes;

/// <summary>
/// A program that a test has started; disposing kills it. A guard beside it kills it too when the test's own process
/// ends without a word: the guard's standard input ends then.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    public const int Hangup = 1;
    public const int Interrupt = 2;
    public const int Terminate = 15;

    private readonly Process process;
    private readonly Process guard;
    private readonly Lock gate = new();
    private readonly List<string> lines = [];
    private readonly List<string> errors = [];

    private ChildProcess(Process process, Process guard)
    {
        this.process = process;
        this.guard = guard;
        Exited = process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Done when it has ended.</summary>
    public Task Exited { get; }

    /// <summary>Of one that has ended; above 128 when a signal ended it.</summary>
    public int ExitCode => process.ExitCode;

    public bool HasExited => process.HasExited;

    /// <summary>The most memory that it had at once, in KiB.</summary>
    public long PeakResidentKiB =>
        long.Parse(
            File.ReadLines($"/proc/{process.Id}/status")
                .Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture
        );

    /// <summary>Standard output so far.</summary>
    public string Output => Text(lines);

    /// <summary>Standard error so far.</summary>
    public string Errors => Text(errors);

    /// <summary>Starts a program without the settings of Tributary that this process may have inherited.</summary>
    public static ChildProcess Start(
        string file,
        IEnumerable<string> arguments,
        string workingDirectory,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsOurs).ToList())
        {
            start.Environment.Remove(name);
        }
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        var child = new ChildProcess(process, StartGuard(process.Id));
        process.OutputDataReceived += (_, line) => child.Add(child.lines, line.Data);
        process.ErrorDataReceived += (_, line) => child.Add(child.errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string file,
        IEnumerable<string> arguments,
        string workingDirectory,
        TimeSpan? limit = null,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        await using var child = Start(file, arguments, workingDirectory, environment);
        var code = await child.ExitAsync(limit);
        return (code, child.Output, child.Errors);
    }

    /// <summary>Sends a signal.</summary>
    public void Signal(int signal) => Assert.Equal(0, SendSignal(process.Id, signal));

    /// <summary>kill -9, and waits until it is dead.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await ExitAsync();
    }

    /// <summary>Waits for the end and returns the exit code.</summary>
    public async Task<int> ExitAsync(TimeSpan? limit = null)
    {
        using var patience = new CancellationTokenSource(limit ?? Patience.Limit);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"'{process.StartInfo.FileName}' did not end:\n{Output}\n{Errors}");
        }
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        guard.Kill();
        process.Kill();
        await guard.WaitForExitAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        guard.Dispose();
        process.Dispose();
    }

    private static Process StartGuard(int id) =>
        Process.Start(
            new ProcessStartInfo(
                "/bin/sh",
                ["-c", "cat >/dev/null; kill -9 \"$0\"", id.ToString(CultureInfo.InvariantCulture)]
            )
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;

    private static bool IsOurs(string name) =>
        name.StartsWith("TRIBUTARY_", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("AzureWebJobs", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);

    private string Text(List<string> from)
    {
        lock (gate)
        {
            return string.Join('\n', from);
        }
    }

    private void Add(List<string> to, string? line)
    {
        if (line is not null)
        {
            lock (gate)
            {
                to.Add(line);
            }
        }
    }
}
