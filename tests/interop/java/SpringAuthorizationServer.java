package interop;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Spring Authorization Server as Spring Boot sets it up; its clients are in SPRING_APPLICATION_JSON. */
@SpringBootApplication
public class SpringAuthorizationServer {
  public static void main(String[] args) {
    SpringApplication.run(SpringAuthorizationServer.class, args);
  }
}
