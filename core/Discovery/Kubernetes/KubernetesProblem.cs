using System.Net;
using System.Text.Json;
using Tributary.Configuration.Yaml;

namespace Tributary.Discovery.Kubernetes;

/// <summary>What a refusal of the API server is told as: what was asked for, and what to do about it.</summary>
internal static class KubernetesProblem
{
    private const int MaxMessageChars = 300;

    /// <summary>The error of an answer that is no list.</summary>
    public static DiscoveryException Of(
        ApiAnswer answer,
        KubernetesResource resource,
        string nameSpace,
        KubernetesConnection connection
    )
    {
        var status = (int)answer.Status;
        var advice = answer.Status switch
        {
            HttpStatusCode.Unauthorized =>
                $": it does not accept {connection.Credentials}; are they there, right, and not expired?",
            HttpStatusCode.NotFound when resource.Group.Length > 0 =>
                $": it does not serve {resource.Group}/v1; is api_server right, and the cluster not too old?",
            HttpStatusCode.NotFound => ": is the address that of a Kubernetes API server?",
            HttpStatusCode.Gone => ": its lists expire before they are read whole; is it overloaded?",
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable =>
                ": it is overloaded, or limits this account",
            HttpStatusCode.BadRequest => ": are the selectors ones that this resource takes?",
            _ => "",
        };
        var where = Where(resource, nameSpace);
        return answer.Fail(
            $"the API server answered {status} to a list of {resource.Name}{where}{advice}{Said(answer)}"
        );
    }

    /// <summary>The error of lists that we may not have: all of them, so that one look at the rights is enough.</summary>
    /// <param name="denied">What was asked for, in which namespaces, and the answer.</param>
    public static DiscoveryException OfRights(
        IReadOnlyList<(KubernetesResource Resource, string Namespace, ApiAnswer Answer)> denied
    )
    {
        var places = denied.GroupBy(
            item => item.Resource.IsNamespaced ? item.Namespace : "",
            item => item.Resource,
            StringComparer.Ordinal
        );
        var needed = string.Join("; ", places.Select(place => Rule(place.Key, [.. place])));
        var answer = denied[0].Answer;
        return answer.Fail($"the API server answered 403: {needed}{Said(answer)}");
    }

    private static string Rule(string nameSpace, IReadOnlyList<KubernetesResource> resources)
    {
        var names = string.Join(", ", resources.Select(resource => resource.Name).Distinct(StringComparer.Ordinal));
        var groups = string.Join(
            ", ",
            resources.Select(resource => $"\"{resource.Group}\"").Distinct(StringComparer.Ordinal)
        );
        var rule = $"apiGroups: [{groups}], resources: [{names}], verbs: [list]";
        return nameSpace.Length == 0
            ? $"the account may not list {names} of the whole cluster; bind it to a ClusterRole with {rule}"
            : $"the account may not list {names} in namespace {Words.Clean(nameSpace)}; bind it to a Role there with {rule}";
    }

    private static string Where(KubernetesResource resource, string nameSpace) =>
        resource.IsNamespaced && nameSpace.Length > 0 ? $" in namespace {Words.Clean(nameSpace)}" : "";

    /// <summary>The message of a <c>Status</c> object, which the API server answers with.</summary>
    private static string Said(ApiAnswer answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer.Body);
            var root = document.RootElement;
            var message = root.ValueKind is JsonValueKind.Object ? root.Text("message") : "";
            return message.Length == 0 ? "" : $"; it says: {Words.Clean(message, MaxMessageChars)}";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // A proxy's page, or one that was cut: the status says what is to be said.
            return "";
        }
    }
}
