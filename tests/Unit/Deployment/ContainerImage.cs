using System.Text.RegularExpressions;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>What the other files have to know of our image.</summary>
/// <param name="Entry">The program, to which <c>command</c> and <c>args</c> are arguments.</param>
/// <param name="User">The user's number.</param>
internal sealed partial record ContainerImage(string Entry, string User)
{
    private const string File = "infra/container/Dockerfile";

    /// <summary>Reads the last stage of the Dockerfile; what it does not say is empty.</summary>
    public static ContainerImage Read(DeploymentFiles files)
    {
        var text = files.Find(File) ?? "";
        return new ContainerImage(
            EntryPoint().Match(text).Groups[1].Value,
            UserNumber().Matches(text).LastOrDefault()?.Groups[1].Value ?? ""
        );
    }

    [GeneratedRegex(@"(?m)^ENTRYPOINT \[""([^""]+)""\]", RegexOptions.NonBacktracking)]
    private static partial Regex EntryPoint();

    [GeneratedRegex(@"(?m)^USER ([0-9]+)", RegexOptions.NonBacktracking)]
    private static partial Regex UserNumber();
}
