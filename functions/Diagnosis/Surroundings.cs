using System.Collections;
using Tributary.Functions.CommandLine;

namespace Tributary.Functions.Diagnosis;

/// <summary>What the doctor finds around itself: everything that a test replaces.</summary>
/// <param name="Environment">The environment variables, by name.</param>
/// <param name="Time">The clock.</param>
internal sealed record Surroundings(IReadOnlyDictionary<string, string> Environment, TimeProvider Time)
{
    /// <summary>Bytes of memory that this process may use.</summary>
    public long MemoryBytes { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Free bytes and all bytes of the disk that a folder is on; null where that is not known.</summary>
    public Func<string, (long FreeBytes, long TotalBytes)?> Disk { get; init; } = DiskOf;

    /// <summary>Opens the store for permissions to be tried in it.</summary>
    public Func<Settings, string, ScratchStore> OpenScratch { get; init; } =
        (settings, run) => ScratchStore.Open(settings, run, TimeProvider.System);

    /// <summary>Sets a variable of this process.</summary>
    public Action<string, string> SetVariable { get; init; } = System.Environment.SetEnvironmentVariable;

    /// <summary>Where temporary files go.</summary>
    public string TemporaryFolder { get; init; } = Path.GetTempPath();

    /// <summary>This process.</summary>
    public static Surroundings OfProcess()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
        {
            variables[(string)variable.Key] = (string?)variable.Value ?? "";
        }
        return new Surroundings(variables, TimeProvider.System);
    }

    /// <summary>A variable; null without.</summary>
    public string? Variable(string name) => Environment.GetValueOrDefault(name);

    private static (long FreeBytes, long TotalBytes)? DiskOf(string folder)
    {
        try
        {
            var existing = Path.GetFullPath(folder);
            while (!Directory.Exists(existing))
            {
                existing = Path.GetDirectoryName(existing) ?? Path.GetPathRoot(Path.GetFullPath(folder))!;
            }
            var disk = new DriveInfo(existing);
            return (disk.AvailableFreeSpace, disk.TotalSize);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A file system that does not say.
            return null;
        }
    }
}
