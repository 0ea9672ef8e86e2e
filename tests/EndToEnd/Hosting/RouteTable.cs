using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Template;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>The routes of all HTTP functions: in the order of their names, the first that fits wins.</summary>
internal sealed class RouteTable
{
    private readonly IReadOnlyList<(FunctionJson Function, HttpTrigger Trigger, TemplateMatcher Matcher)> routes;

    public RouteTable(HostJson host, IEnumerable<FunctionJson> functions) =>
        routes = [
            .. functions
                .Where(function => function.Trigger is HttpTrigger)
                .Select(function =>
                    (function, (HttpTrigger)function.Trigger, Matcher(host, (HttpTrigger)function.Trigger))
                ),
        ];

    /// <summary>The function for a request, or null.</summary>
    public (FunctionJson Function, HttpTrigger Trigger)? Find(string method, PathString path)
    {
        foreach (var (function, trigger, matcher) in routes)
        {
            if (
                matcher.TryMatch(path, [])
                && (trigger.Methods is null || trigger.Methods.Contains(method, StringComparer.OrdinalIgnoreCase))
            )
            {
                return (function, trigger);
            }
        }
        return null;
    }

    private static TemplateMatcher Matcher(HostJson host, HttpTrigger trigger)
    {
        var template = TemplateParser.Parse($"{host.RoutePrefix}/{trigger.Route}".Trim('/'));
        if (template.Parameters.Any(parameter => parameter.InlineConstraints.Any()))
        {
            throw new HostException($"the route '{trigger.Route}' has a constraint, which this double does not know");
        }
        return new TemplateMatcher(template, []);
    }
}
