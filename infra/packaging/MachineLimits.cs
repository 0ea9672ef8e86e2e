namespace Tributary.Packaging;

/// <summary>What the machine has that the package runs on: the newest symbol versions and the libraries.</summary>
/// <remarks>
/// Debian 11 is the oldest system under the Functions host, version 4: glibc 2.31 and libstdc++ of GCC 10
/// (https://github.com/Azure/azure-functions-dotnet-worker/pull/2653,
/// https://github.com/Azure/azure-functions-python-worker/issues/1651, https://packages.debian.org/bullseye/libc6). What
/// Flex Consumption runs on is not documented; images of other languages are Debian 12 already.
/// </remarks>
internal static class MachineLimits
{
    /// <summary>The newest version by the prefix of its name.</summary>
    public static IReadOnlyDictionary<string, Version> Newest { get; } =
        new Dictionary<string, Version>(StringComparer.Ordinal)
        {
            [Glibc] = new(2, 31),
            ["GLIBCXX_"] = new(3, 4, 28),
            ["CXXABI_"] = new(1, 3, 12),
            ["GCC_"] = new(10, 0),
        };

    /// <summary>What every image has; what is not here has to be in the package.</summary>
    public static IReadOnlySet<string> Libraries { get; } =
        new HashSet<string>(StringComparer.Ordinal)
        {
            "ld-linux-x86-64.so.2",
            "libc.so.6",
            "libdl.so.2",
            "libgcc_s.so.1",
            "libm.so.6",
            "libpthread.so.0",
            "librt.so.1",
            "libstdc++.so.6",
        };

    /// <summary>The prefix of glibc's versions.</summary>
    public const string Glibc = "GLIBC_";

    /// <summary>The version in a name such as <c>GLIBC_2.17</c>; null when it has another prefix, or is private.</summary>
    public static Version? VersionOf(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && TryParse(name[prefix.Length..]) is { } version
            ? version
            : null;

    /// <summary>Why a machine at the limit cannot load a file; empty when it can.</summary>
    /// <param name="image">The file.</param>
    /// <param name="packaged">The names of the files beside it.</param>
    public static IEnumerable<string> Problems(ElfImage image, IReadOnlySet<string> packaged)
    {
        foreach (var name in image.Versions)
        {
            var (prefix, newest) = Newest.FirstOrDefault(limit => name.StartsWith(limit.Key, StringComparison.Ordinal));
            if (prefix is null || VersionOf(name, prefix) is not { } version)
            {
                yield return $"needs {name}, which is not known";
            }
            else if (version > newest)
            {
                yield return $"needs {name}; {prefix}{newest} is the newest that the Functions host is sure to have";
            }
        }
        foreach (var library in image.Libraries.Where(name => !Libraries.Contains(name) && !packaged.Contains(name)))
        {
            yield return $"needs the library {library}, which the Functions host may not have";
        }
    }

    private static Version? TryParse(string text) =>
        Version.TryParse(text.Contains('.', StringComparison.Ordinal) ? text : text + ".0", out var version)
        && !text.Contains('-', StringComparison.Ordinal)
        && text.All(c => char.IsAsciiDigit(c) || c == '.')
            ? version
            : null;
}
