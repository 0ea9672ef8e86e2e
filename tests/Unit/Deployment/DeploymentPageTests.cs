using System.Text.RegularExpressions;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>What the pages say: files that are there, verbs and variables that the executable has, ports that are published.</summary>
public sealed partial class DeploymentPageTests
{
    private static readonly string[] Addresses =
    [
        DeploymentFiles.Local + "/compose.yml",
        DeploymentFiles.Local + "/thanos.yml",
    ];

    [Theory]
    [InlineData("docs/run-elsewhere.md")]
    [InlineData("docs/scale-out.md")]
    public async Task Page_NamesOnlyWhatIsThere(string page)
    {
        Assert.Empty(await CheckAsync(DeploymentFiles.Repository, page));
    }

    [Theory]
    [InlineData(
        "infra/local/compose.yml up",
        "infra/local/docker-compose.yml up",
        "no file 'infra/local/docker-compose.yml'"
    )]
    [InlineData("(../infra/local/install)", "(../infra/local/install.sh)", "no file 'infra/local/install.sh'")]
    [InlineData("tributary blocks ls", "tributary block ls", "'block ls")]
    [InlineData("`TRIBUTARY_LISTEN=", "`TRIBUTARY_LISTEN_ON=", "variable TRIBUTARY_LISTEN_ON")]
    [InlineData("<http://localhost:3000>", "<http://localhost:3001>", "port 3001")]
    public async Task Mistake_IsFound(string old, string fresh, string problem)
    {
        const string page = "docs/run-elsewhere.md";
        var found = await CheckAsync(DeploymentFiles.Repository.With(page, old, fresh), page);
        Assert.Contains(found, one => one.Contains(problem, StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> CheckAsync(DeploymentFiles files, string page)
    {
        var problems = new List<string>();
        var text = files.Read(page);
        var paths = RepositoryPath().Matches(text).Select(match => match.Value.TrimEnd('/', '.'));
        var links = Link()
            .Matches(text)
            .Select(match => DeploymentFiles.Join("docs", match.Groups[1].Value).TrimEnd('/'));
        foreach (var path in paths.Concat(links).Distinct(StringComparer.Ordinal))
        {
            if (!Path.Exists(Path.Combine(Repository.Root, path)))
            {
                problems.Add($"{page}: there is no file '{path}'");
            }
        }
        foreach (var command in Command().Matches(text).Select(match => match.Groups[1].Value))
        {
            await TributaryStart.CheckAsync(page, command.Split(' ', StringSplitOptions.RemoveEmptyEntries), problems);
        }
        var variables = Variable().Matches(text).Select(match => match.Value);
        problems.AddRange(
            variables
                .Where(name => !TributaryStart.Variables.Contains(name))
                .Select(name => $"{page}: nothing reads the environment variable {name}")
        );
        var published = Addresses
            .SelectMany(file => Published().Matches(files.Read(file)))
            .Select(match => match.Groups[1].Value);
        problems.AddRange(
            Localhost()
                .Matches(text)
                .Select(match => match.Groups[1].Value)
                .Except(published)
                .Select(port => $"{page}: nothing publishes port {port}")
        );
        return problems;
    }

    [GeneratedRegex(@"infra/[A-Za-z0-9_./-]+", RegexOptions.NonBacktracking)]
    private static partial Regex RepositoryPath();

    [GeneratedRegex(@"\]\(([A-Za-z0-9_./-]+)(?:#[a-z0-9-]+)?\)", RegexOptions.NonBacktracking)]
    private static partial Regex Link();

    /// <summary>A call of the executable in a line of code: behind a user, a container, or at the beginning.</summary>
    [GeneratedRegex(@"(?:`|tributary )(?:/app/)?tributary ([a-z][^`\n]*)(?:`|\n)", RegexOptions.NonBacktracking)]
    private static partial Regex Command();

    [GeneratedRegex(@"\bTRIBUTARY_[A-Z_]+", RegexOptions.NonBacktracking)]
    private static partial Regex Variable();

    [GeneratedRegex(@"http://localhost:([0-9]+)", RegexOptions.NonBacktracking)]
    private static partial Regex Localhost();

    [GeneratedRegex(@"127\.0\.0\.1:([0-9]+):", RegexOptions.NonBacktracking)]
    private static partial Regex Published();
}
