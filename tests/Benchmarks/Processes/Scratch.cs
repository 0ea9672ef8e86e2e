using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Tributary.Benchmarks.Processes;

/// <summary>
/// Everything that must not outlive a run: processes and temporary folders. Ended on dispose, on Ctrl-C and on SIGTERM.
/// </summary>
internal sealed class Scratch : IDisposable
{
    private readonly ConcurrentDictionary<ChildProcess, bool> children = new();
    private readonly string root;
    private int folders;
    private int cleaned;

    public Scratch()
    {
        root = Directory.CreateTempSubdirectory("tributary-benchmarks-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Clean();
        Signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
        ];
    }

    private PosixSignalRegistration[] Signals { get; }

    /// <summary>A new empty folder.</summary>
    public string Folder(string name)
    {
        var number = Interlocked.Increment(ref folders).ToString("00", CultureInfo.InvariantCulture);
        return Directory.CreateDirectory(Path.Combine(root, $"{number}-{name}")).FullName;
    }

    /// <summary>Removes a folder early; its data may be large.</summary>
    public static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public void Add(ChildProcess child) => children[child] = true;

    public void Forget(ChildProcess child) => children.TryRemove(child, out _);

    public void Dispose()
    {
        Clean();
        foreach (var signal in Signals)
        {
            signal.Dispose();
        }
    }

    private void Stop(PosixSignalContext signal)
    {
        Clean();
        Environment.Exit(130);
    }

    private void Clean()
    {
        if (Interlocked.Exchange(ref cleaned, 1) != 0)
        {
            return;
        }

        foreach (var child in children.Keys)
        {
            child.Kill();
        }

        Remove(root);
    }
}
