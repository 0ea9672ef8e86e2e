namespace Tributary.Benchmarks.Processes;

/// <summary>How this executable starts itself in another mode.</summary>
internal static class Self
{
    private static readonly bool ThroughHost =
        Path.GetFileNameWithoutExtension(Environment.ProcessPath ?? "dotnet") == "dotnet";

    public static string Executable => Environment.ProcessPath ?? "dotnet";

    public static IEnumerable<string> Arguments(params string[] arguments) =>
        ThroughHost ? [Path.Combine(AppContext.BaseDirectory, "Tributary.Benchmarks.dll"), .. arguments] : arguments;
}
