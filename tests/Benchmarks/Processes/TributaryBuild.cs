using System.Runtime.InteropServices;

namespace Tributary.Benchmarks.Processes;

/// <summary>Publishes our executable as users get it: self-contained, Release, for this machine.</summary>
internal static class TributaryBuild
{
    /// <summary>The folder that holds the solution.</summary>
    /// <exception cref="BenchmarkException">The benchmarks do not run inside a clone.</exception>
    public static string Root()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Serverless.sln")))
            {
                return at.FullName;
            }
        }

        throw new BenchmarkException("Serverless.sln is in no folder above the benchmarks");
    }

    /// <summary>Publishes to `artifacts/benchmarks/tributary` and returns the path of the executable.</summary>
    /// <exception cref="BenchmarkException">It does not build.</exception>
    public static async Task<string> PublishAsync(Scratch scratch, CancellationToken cancellation)
    {
        var root = Root();
        var output = Path.Combine(root, "artifacts", "benchmarks", "tributary");
        var runtime = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64";
        using var publish = ChildProcess.Start(
            scratch,
            "dotnet",
            [
                "publish",
                Path.Combine(root, "functions"),
                "-c",
                "Release",
                "-r",
                runtime,
                "--self-contained",
                "-v",
                "quiet",
                "-o",
                output,
            ]
        );
        var code = await publish.ExitCodeAsync(TimeSpan.FromMinutes(15), cancellation);
        return code == 0
            ? Path.Combine(output, "tributary")
            : throw new BenchmarkException($"dotnet publish functions ended with {code}:\n{publish.Tail()}");
    }
}
