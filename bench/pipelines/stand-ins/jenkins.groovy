// Stands in for Jenkins: reads the Jenkinsfile as Groovy, as Jenkins does, runs its shell steps as Jenkins does (`sh -xe`), and says
// what its publishers were told. What it does not know of Declarative Pipeline is an error, so nothing is passed over.
import org.codehaus.groovy.control.CompilerConfiguration

class Build {
  static String result = 'SUCCESS'
  static Map<String, String> environment = [:]

  static void worsen(String other) {
    def order = ['SUCCESS', 'UNSTABLE', 'FAILURE']
    if (order.indexOf(other) > order.indexOf(result)) result = other
  }
}

/** What stands in `environment { }` are assignments. */
class Assignments {
  void setProperty(String name, Object value) { Build.environment[name] = value.toString() }
}

abstract class Steps extends Script {
  List<Closure> afterwards = []

  Object within(Closure body, Object delegate = this) {
    body.delegate = delegate
    body.resolveStrategy = Closure.DELEGATE_FIRST
    body()
  }

  void pipeline(Closure body) {
    within(body)
    afterwards.each { within(it) }
  }

  void agent(Closure body) { within(body) }
  void label(String name) { println "agent ${name}" }
  void options(Closure body) { within(body) }
  void disableConcurrentBuilds() { }
  void timeout(Map limit) { assert limit.time > 0 && limit.unit in ['MINUTES', 'HOURS'] }
  void parameters(Closure body) { within(body) }

  void choice(Map parameter) {
    assert parameter.choices instanceof List && parameter.description
    Build.environment[parameter.name] = System.getenv("PARAMETER_${parameter.name}") ?: parameter.choices[0]
  }

  void environment(Closure body) { within(body, new Assignments()) }

  void stages(Closure body) {
    try {
      within(body)
    } catch (Exception failure) {
      println "ERROR: ${failure.message}"
      Build.worsen('FAILURE')
    }
  }

  void stage(String name, Closure body) {
    println "stage ${name}"
    within(body)
  }

  void steps(Closure body) { within(body) }
  Object script(Closure body) { within(body) }
  void post(Closure body) { within(body) }
  void always(Closure body) { afterwards << body }

  Object sh(String line) { sh(script: line) }

  Object sh(Map order) {
    def unknown = order.keySet() - ['script', 'returnStatus']
    if (unknown) throw new IllegalArgumentException("sh does not know ${unknown}")
    def builder = new ProcessBuilder('sh', '-xe', '-c', order.script as String).inheritIO()
    builder.environment().putAll(Build.environment)
    int code = builder.start().waitFor()
    if (order.returnStatus) return code
    if (code != 0) throw new Exception("script returned exit code ${code}")
    return null
  }

  void error(CharSequence says) { throw new Exception(says.toString()) }

  void unstable(CharSequence says) {
    println "WARNING: ${says}"
    Build.worsen('UNSTABLE')
  }

  void catchError(Closure body) {
    try {
      within(body)
    } catch (Exception failure) {
      println "ERROR: ${failure.message}"
      Build.worsen('FAILURE')
    }
  }

  void junit(Map order) {
    assert order.keySet() == ['testResults', 'allowEmptyResults', 'skipMarkingBuildUnstable'] as Set
    println "@junit ${order.testResults}"
  }

  void allure(Map order) { order.results.each { println "@allure ${it.path}" } }
  void archiveArtifacts(Map order) { println "@archive ${order.artifacts}" }
}

def configuration = new CompilerConfiguration(scriptBaseClass: Steps.name)
def shell = new GroovyShell(this.class.classLoader, new Binding(), configuration)
try {
  shell.evaluate(new File(args[0]))
} catch (Exception failure) {
  println "ERROR: ${failure.message}"
  Build.worsen('FAILURE')
}
println "@result ${Build.result}"
System.exit(Build.result == 'SUCCESS' ? 0 : 1)
