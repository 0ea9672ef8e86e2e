namespace Tributary.Tests.EndToEnd.Processes;

/// <summary>What a test needs of the machine: where it is missing the test is skipped, in CI it fails.</summary>
internal static class Requirement
{
    /// <summary>The path of a program that is installed, or the end of the test with what to install.</summary>
    public static string Program(string name, string package)
    {
        var path = Find(name);
        if (path is null)
        {
            Missing($"'{name}' is not installed: on Debian or Ubuntu run 'apt-get install {package}'");
        }
        return path!;
    }

    /// <summary>The path of a program, or null.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    /// <summary>Ends the test.</summary>
    public static void Missing(string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail(reason);
        }
        Assert.Skip(reason);
    }
}
