namespace Tributary.Tests.Unit.Stores.Local;

/// <summary>A new folder that goes with the test; in memory where the system has such a place.</summary>
internal sealed class TestFolder : IDisposable
{
    public TestFolder()
    {
        var parent = Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath();
        Path = System.IO.Path.Combine(parent, "tributary-" + Guid.NewGuid().ToString("n"));
    }

    /// <summary>The folder, which is not there yet.</summary>
    public string Path { get; }

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
        File.Delete(Path);
    }
}
